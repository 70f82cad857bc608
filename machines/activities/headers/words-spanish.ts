/** Headers of Spanish exports. */
import type { HeaderWords } from './roles.ts';

export const SPANISH: HeaderWords = {
  summary: [
    'Título, Asunto, Resumen, Tema, Nombre de la tarea, Nombre de tarea, Título de la tarea, Concepto',
    'Nombre de la tarjeta, Denominación, Nombre del elemento, Descripción breve, Descripción corta',
    'Resumen de la incidencia',
  ],
  task: [
    'Tarea, Tareas, Subtarea, Petición, Incidencia, Trabajo, Solicitud, =Ticket, Labor, Acción, Paquete de trabajo',
    'Tarea realizada, Trabajo realizado, Gestión',
  ],
  description: [
    'Descripción, Detalle, Detalles, Descripción de la tarea, Descripción detallada, Contenido, Texto',
    'Descripción del trabajo',
  ],
  note: ['Comentario, Comentarios, Nota, Notas, Observación, Observaciones, Anotación, Memoria'],
  name: ['=Nombre'],
  activity: ['Actividad, Actividades, Nombre de la actividad, Servicio, Paso, Evento, Operación'],
  kind: [
    'Categoría, Categorías, Tipo, Clase, Clasificación, Tipo de tarea, Tipo de actividad, Tipo de trabajo',
    'Tipo de incidencia, Tipo de petición, Tipo de solicitud, Tipo de hora, Tipo de horas, Fase, Lista',
    'Lista de tareas, Componente, Componentes, Subcategoría, Área, Proceso',
  ],
  tag: ['Etiqueta, Etiquetas, Palabra clave, Palabras clave'],
  project: [
    'Proyecto, Proyectos, Nombre del proyecto, Nombre de proyecto, Nombre proyecto, Subproyecto, Programa',
    'Tarea padre, Tarea principal, Espacio de trabajo, Obra, Expediente, Contrato',
  ],
  client: [
    'Cliente, Clientes, Nombre del cliente, Nombre cliente, Empresa, Compañía, Organización, Cuenta, Razón social',
  ],
  person: [
    'Usuario, Usuarios, Nombre de usuario, Nombre del usuario, Empleado, Empleada, Nombre del empleado',
    'Nombre empleado, Trabajador, Trabajadora, Nombre del trabajador, Persona, Asignado a, Asignado',
    'Persona asignada, Responsable, Autor, Recurso, Recursos, Nombre del recurso, Nombres de los recursos',
    'Colaborador, Miembro, Miembros, Miembro del equipo, Nombre completo, Nombre y apellidos, Nombre y apellido',
    'Apellido, Apellidos, Creado por, Modificado por, Informador, Informante, Técnico, Consultor, Agente',
    'Propietario, Solicitante, Quién, Operario, Profesional',
  ],
  email: ['Correo electrónico, Correo, E-mail, Email, Dirección de correo, Dirección de correo electrónico'],
  team: ['Equipo, Equipos, Departamento, Grupo, Unidad, División, Sección, Rol, Oficina, Centro de coste'],
  id: [
    'Identificador, Número, Nº, N.º, Num, Núm, Código, Clave, Referencia, Ref, Clave de incidencia, Número de tarea',
    'Número de ticket, Nº de tarea, Número de empleado, Número de personal, Número de pedido, Código de proyecto',
    'Código proyecto, Código de cliente, Código de empleado, Folio, ID de tarea, ID tarea, Pedido, Legajo',
  ],
  case: ['Caso, ID del caso, ID caso, ID de caso, Número de caso, Identificador del caso'],
  status: [
    'Estado, Estatus, Situación, Resolución, Aprobación, Exportado, Aprobado, Bloqueado, Completado, Terminado',
    'Archivado, Cerrado, Finalizado',
  ],
  priority: ['Prioridad, Urgencia, Severidad, Importancia, Gravedad'],
  url: ['Enlace, Vínculo, Página web'],
  location: ['Ubicación, Lugar, Sala, Dirección, Ciudad, País, Localización, Sede'],
  date: [
    'Fecha, Día, Fecha de trabajo, Fecha del trabajo, Fecha de la tarea, Fecha de registro, Fecha de actividad',
    'Fecha de la actividad, Fecha de imputación, Jornada',
  ],
  start_date: ['Fecha de inicio, Fecha inicio, Fecha de comienzo, Fecha inicial, Fecha desde, Desde fecha'],
  start_time: [
    'Hora de inicio, Hora inicio, Hora de comienzo, Hora inicial, Hora de entrada, Hora entrada, Hora desde',
    'Entrada, Hora',
  ],
  start: [
    '=Inicio, =Comienzo, =Desde, =De, Iniciado, Comenzado, Inicio real, Fecha y hora de inicio',
    'Marca de tiempo de inicio, Fecha/hora de inicio, Comenzó',
  ],
  end_date: ['Fecha de fin, Fecha fin, Fecha de finalización, Fecha final, Fecha hasta, Fecha de término, Hasta fecha'],
  end_time: [
    'Hora de fin, Hora fin, Hora de finalización, Hora final, Hora de salida, Hora salida, Hora de término',
    'Hora hasta, Salida',
  ],
  end: [
    '=Fin, =Final, =Hasta, =Para, =Término, Finalizado a, Fin real, Fecha y hora de fin, Fecha/hora de fin',
    'Finalización',
  ],
  timestamp: ['Marca de tiempo, Marca temporal, Fecha y hora, Fecha/hora, Fecha hora'],
  created: [
    'Creado, Creada, Creado el, Creación, Fecha de creación, Actualizado, Actualizada, Actualizado el',
    'Fecha de actualización, Última actualización, Modificado, Modificado el, Fecha de modificación',
    'Última modificación, Cerrada, Cerrado el, Fecha de cierre, Resuelta, Resuelto, Fecha de resolución, Abierto el',
    'Fecha de apertura, Completado el, Fecha de facturación, Fecha de factura, Fecha de alta, Última actividad',
    'Fecha de aprobación, Finalizado el, Fecha de nacimiento',
  ],
  due: [
    'Vencimiento, Fecha de vencimiento, Fecha límite, Fecha prevista, Fecha objetivo, Inicio previsto, Fin previsto',
    'Inicio planificado, Fin planificado, Fecha de entrega, Plazo, Fecha de fin prevista, Fecha de inicio prevista',
  ],
  actual: [
    'Tiempo dedicado, Tiempo total dedicado, Tiempo empleado, Tiempo invertido, Tiempo trabajado, Tiempo de trabajo',
    'Tiempo real, Tiempo registrado, Tiempo gastado, Tiempo consumido, Tiempo imputado, Tiempo utilizado',
    'Tiempo efectivo, Tiempo transcurrido en la tarea, Horas trabajadas, Horas dedicadas, Horas reales',
    'Horas imputadas, Horas registradas, Horas invertidas, Horas empleadas, Horas consumidas, Horas realizadas',
    'Horas de trabajo, Horas efectivas, Horas incurridas, Horas reportadas, Duración real, Trabajo real',
    'Esfuerzo real, Trabajo completado, =Real, =Dedicado, =Trabajado, Dedicación, Control de tiempo',
    'Minutos dedicados, Tiempo de trabajo efectivo, Tiempo laborable, Horas cargadas, Días trabajados',
  ],
  duration: [
    '~Suma de horas, ~Suma de duración, Duración, Tiempo, Horas, Nº horas, Número de horas, Nº de horas',
    'Cantidad de horas, Minutos, Número de minutos, Segundos, Esfuerzo, Horas decimales, Horas decimal',
    'Duración decimal, Tiempo decimal, Carga de trabajo, Horas hombre, Horas/hombre, Días persona, =Días',
    'Número de días, ~Duración total, ~Tiempo total, ~Horas totales, ~Total horas, ~Total de horas',
    '~Horas facturables, ~Horas facturadas, ~Tiempo facturable, ~Tiempo facturado, ~Duración facturable',
    '~Total tiempo',
  ],
  estimate: [
    'Estimación, =Estimado, =Estimada, Estimación original, Estimación inicial, Tiempo estimado, Horas estimadas',
    'Duración estimada, Esfuerzo estimado, Trabajo estimado, Total de tiempo estimado, Horas previstas',
    'Tiempo previsto, Duración prevista, Horas planificadas, Tiempo planificado, Duración planificada',
    'Trabajo planificado, =Planificado, =Previsto, =Planeado, Horas planeadas, Tiempo planeado, =Presupuesto',
    'Horas presupuestadas, Presupuesto de horas, Horas asignadas, Tiempo asignado, Capacidad',
    'Horas iniciales planificadas, Horas esperadas, Horas teóricas, Horas contratadas',
  ],
  remaining: [
    'Restante, Tiempo restante, Horas restantes, Trabajo restante, Esfuerzo restante, Duración restante',
    'Estimación restante, Horas pendientes, Tiempo pendiente, Saldo, Diferencia, Desviación, Saldo de horas',
  ],
  cumulative: [
    'Total, Totales, Total general, Acumulado, Tiempo acumulado, Horas acumuladas, Total semana, Total semanal',
    'Total diario, Total mensual, Horas semanales, Horas mensuales, Horas diarias, Suma, Total parcial',
    'Horas por día, Horas por semana',
  ],
  hours_part: ['=Horas'],
  minutes_part: ['=Minutos'],
  break: [
    'Pausa, Pausas, Descanso, Descansos, Tiempo de descanso, Tiempo de pausa, Inicio de pausa, Fin de pausa',
    'Inicio pausa, Fin pausa, Almuerzo, Comida, Inicio descanso, Fin descanso',
  ],
  overtime: ['Horas extra, Horas extras, Horas extraordinarias, Tiempo extra, H extra, Sobretiempo'],
  points: ['Puntos, Puntos de historia, Complejidad'],
  ratio: [
    'Tasa de éxito, Tasa de cambio, Tipo de cambio, Tasa de conversión, Tasa de error, Tasa de IVA',
    'Porcentaje, Progreso, Avance, % realizado, % completado, % avance, Ocupación, Utilización, Proporción',
    '% trabajo completado, Porcentaje completado, Tipo impositivo',
  ],
  count: [
    'Cantidad, Cant, Recuento, Número de tareas, Número de entradas, ~Unidades, Ocurrencias, Frecuencia, Conteo',
    'Número de actividades',
  ],
  rate: [
    'Tarifa, Tarifa por hora, Tarifa horaria, Tarifa hora, Precio por hora, Precio hora, Coste por hora, Coste hora',
    'Costo por hora, Costo hora, Tasa, Tasa por hora, Precio unitario, Valor hora, Tarifa interna, Tarifa fija',
    'Importe por hora, Tarifa facturable',
  ],
  money: [
    'Importe, Precio, Coste, Costo, Monto, Precio total, Coste total, Costo total, Importe total, Valor, Ingresos',
    'Honorarios, Salario, Gastos, Importe facturable, Tarifa aplicada, Monto total, Coste real',
  ],
  currency: ['Moneda, Divisa'],
  billable: ['Facturable, Facturado, Facturada, No facturable, Es facturable, Cobrable, Pagado'],
  unit: ['Unidad de medida, Unidad de tiempo'],
  week: ['Semana, Número de semana, Nº semana, Nº de semana'],
  month: ['Mes, Año, Trimestre, Periodo, Período, Ejercicio'],
  weekday: ['Día de la semana, Día semana'],
  nothing: [
    'Zona horaria, Huso horario, Todo el día, Color, Origen, Fuente, Versión, Versión prevista, Adjuntos, Archivo',
    'Tiempo de respuesta, Tiempo de resolución, Tiempo de espera, Teléfono, Código postal, Parte de horas',
    'Hoja de horas, Privado, Entorno, Observadores',
  ],
};
